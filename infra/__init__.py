"""The AWS stacks, written with the CDK. They import nothing of the package but `skymarshal.contracts`."""
