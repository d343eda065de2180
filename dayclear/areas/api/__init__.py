"""Risk areas and the register of measures through the API. Both are public: who may read at all reads them whole."""
