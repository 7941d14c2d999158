pbpaste > clip.txt
xclip -o > clip.txt
# near misses
pbpaste | sort
