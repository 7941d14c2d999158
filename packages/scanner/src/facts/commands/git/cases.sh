git clone https://stranger.invalid/t.git; cd t; ./install.sh
git clone https://stranger.invalid/t; bash t/setup.sh
# near misses
git clone https://stranger.invalid/t.git; cat t/README.md
