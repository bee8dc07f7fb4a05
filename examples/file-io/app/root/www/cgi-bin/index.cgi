#!/bin/sh
# The page: what the writer of the same color has in its file now. One that has just been replaced does not answer any
# more, though its name may have led there.
writer=$TEALHOOK_APP-$TEALHOOK_COLOR.writer
ask() { socat -u -T 2 "TCP:$writer:9000,connect-timeout=1" -; }
if lines=$(ask || { sleep 0.3; ask; }); then
  printf 'Content-Type: text/plain\r\n\r\n%s\n' "$lines"
else
  printf 'Status: 502 Bad Gateway\r\nContent-Type: text/plain\r\n\r\n%s does not answer\n' "$writer"
fi
