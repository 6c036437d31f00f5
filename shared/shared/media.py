"""What a document is once it was read and written anew; everything else is refused."""

from typing import Literal

Media = Literal["application/pdf", "image/jpeg", "image/png", "text/csv"]
