# As the first process of its container, busybox' server is not ended by the SIGTERM that it does not catch.
FROM scratch
COPY busybox /bin/
COPY version /index.html
ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "8080"]
