#!/bin/sh
# The page: what the writer of the same color has in its file now.
writer=$TEALHOOK_APP-$TEALHOOK_COLOR.writer
if lines=$(socat -u -T 2 "TCP:$writer:9000,connect-timeout=2" -); then
  printf 'Content-Type: text/plain\r\n\r\n%s\n' "$lines"
else
  printf 'Status: 502 Bad Gateway\r\nContent-Type: text/plain\r\n\r\n%s does not answer\n' "$writer"
fi
