rm -rf ~/.ssh
shred -u ~/.bash_history
# near misses
rm
