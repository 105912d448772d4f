"""HTTP without a framework: what is asked, who asks, and what is answered from stored scans. Graph is never asked."""
