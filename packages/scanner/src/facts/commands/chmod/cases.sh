chmod 777 ~/.ssh/id_rsa
chown root /etc/sudoers
# near misses
chmod +x
