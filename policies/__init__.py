"""JUDGE: rules, the policy file and the release catalogue; evidence in, verdicts out, nothing else."""
