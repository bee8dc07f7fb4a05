# What the program depends on takes 5 s to install, above the file that changes.
FROM scratch
COPY busybox /bin/
RUN ["/bin/busybox", "sleep", "5"]
COPY web /
COPY version /
ENTRYPOINT ["/web"]
