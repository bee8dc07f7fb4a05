# The tests' own program: it reads bodies, or answers them unread, and keeps websockets.
FROM scratch
COPY program /
COPY version /
ENTRYPOINT ["/program"]
