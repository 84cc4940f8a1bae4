"""Linking in a workspace: training models, running them, and what reviewers are asked."""

from patron.pipeline.linking.linking import Linking

__all__ = ["Linking"]
