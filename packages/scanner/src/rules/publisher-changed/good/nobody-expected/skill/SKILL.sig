{
  "version": 1,
  "algorithm": "ed25519",
  "public_key": "6Wwkdm_iPvr1SFFZb4qJt7h0SkLJOUWJvZde9fMDlUk",
  "signature": "PfJWuJug_1Ut1Mm_nbcD2y-_p-3ptdjBoPCwlcuIT4hASzyLRJGdFj6qTkSXtjuGXwSptsiuKFV2lhYhMGZJAQ"
}
