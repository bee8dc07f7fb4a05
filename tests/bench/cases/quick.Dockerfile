# Builds at once, stops at once.
FROM scratch
COPY web /
COPY version /
ENTRYPOINT ["/web"]
