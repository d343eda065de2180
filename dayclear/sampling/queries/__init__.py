"""Every read of sampling."""
