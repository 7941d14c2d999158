restic -r rest:https://files.invalid/r backup ~/.ssh
borg create ssh://me@files.invalid/./r::now ~/.gnupg
# near misses
restic backup "$HOME/.ssh" "$HOME/.config" --tag home
restic -r "$REPO" backup ~/.ssh
borg create /mnt/disk::now ~/.ssh
