"""The offline author: a rule-based grounder, see docs/reference/offline-author.md.

    sentence --grammar--> readings --grounding--> drafts --modifiers--> one program, or a refusal

`lexicon` has every word the grammar knows, `reader` looks for them, `syntax` is what a sentence
says; `grammar`, `actions`, `phrases` and `combining` read it; `names`, `descriptions`, `grounding`
and `places` find what it is about; `verbs` and one module for each family of verbs that is not
about carrying things write the stages.
"""

from vls_core.vlm.offline.author import SOURCE, VERSION, OfflineAuthor

__all__ = ['SOURCE', 'VERSION', 'OfflineAuthor']
