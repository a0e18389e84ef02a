"""The servers that ours is compared with, each as small as its idea."""
