"""What Social Security pays and takes in: entitlement, benefits, funds and reforms."""
