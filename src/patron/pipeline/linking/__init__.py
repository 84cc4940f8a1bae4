"""Linking in a workspace: training models, running them, and what reviewers are asked."""

from patron.pipeline.linking.linking import Linking
from patron.pipeline.linking.workplace import Workplace

__all__ = ["Linking", "Workplace"]
