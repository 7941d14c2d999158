git clone https://stranger.invalid/t; cd t; ./run
git clone https://stranger.invalid/t; pushd t; bash run.sh
# near misses
cd src; ./run
